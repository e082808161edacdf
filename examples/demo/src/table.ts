/** Columns as wide as they need to be. A line break in a heading makes it two lines. */
export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const split = headings.map((heading) => heading.split('\n'))
  const height = Math.max(...split.map((lines) => lines.length))
  const head = Array.from({ length: height }, (_, line) => split.map((lines) => lines[line] ?? ''))
  const widths = headings.map((_, column) =>
    Math.max(...[...head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  )
  const print = (cells: readonly string[]): string =>
    widths
      .map((width, column) => (cells[column] ?? '').padEnd(width))
      .join('  ')
      .trimEnd()
  const rule = widths.map((width) => '─'.repeat(width)).join('  ')
  return [...head.map(print), rule, ...rows.map(print)].join('\n')
}
