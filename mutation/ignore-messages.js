// @ts-nocheck
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin'

const MESSAGES = new Set(['SessionError', 'Error', 'RangeError', 'TypeError'])

/** The text of an error is for people: no test holds it to its words. */
export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'messages', {
    shouldIgnore({ node, parent, listKey }) {
      if (node.type !== 'StringLiteral' && node.type !== 'TemplateLiteral') return undefined
      if (parent?.type !== 'NewExpression' || listKey !== 'arguments') return undefined
      const isMessage = parent.arguments.at(parent.callee.name === 'SessionError' ? 1 : 0) === node
      return MESSAGES.has(parent.callee.name) && isMessage ? 'a message' : undefined
    },
  }),
]
