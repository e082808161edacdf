import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

/** What takes the text of an error, and which of its arguments that is. */
const TAKES_TEXT = new Map([
  ['SessionError', 1],
  ['Error', 0],
  ['RangeError', 0],
  ['TypeError', 0],
  ['sessionEnded', 0],
  ['refused', 0],
])

/** The text of an error is for people: no test holds it to its words. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'messages', {
    shouldIgnore({ node, parent, listKey }) {
      if (node.type !== 'StringLiteral' && node.type !== 'TemplateLiteral') return undefined
      if (listKey !== 'arguments') return undefined
      const place = TAKES_TEXT.get(parent.callee.name)
      return place !== undefined && parent.arguments[place] === node ? 'a message' : undefined
    },
  }),
]
