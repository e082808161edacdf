const { node } = process.versions

if (!node.startsWith('24.')) {
  throw new Error(
    `The tests run on Node 24, and this is Node ${node}. Start them with npm test: ` +
      'it uses the Node that the repository pins.',
  )
}
