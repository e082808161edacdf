/**
 * The one rule that oxlint does not have: core must not read the system time behind the injected
 * clock's back. `no-restricted-properties` covers `Date.now`; this is for `new Date()` and `Date()`.
 */
interface Call {
  readonly callee: { readonly name?: string }
  readonly arguments: readonly unknown[]
}

interface RuleContext {
  report(problem: { node: Call; message: string }): void
}

interface RuleVisitor {
  NewExpression(node: Call): void
  CallExpression(node: Call): void
}

const message = 'Read the time from the injected clock (clock.ts).'

const plugin = {
  meta: { name: 'adjourn' },
  rules: {
    'no-system-time': {
      create: (context: RuleContext): RuleVisitor => ({
        NewExpression(node) {
          if (node.callee.name === 'Date' && node.arguments.length === 0)
            context.report({ node, message })
        },
        CallExpression(node) {
          if (node.callee.name === 'Date') context.report({ node, message })
        },
      }),
    },
  },
}

export default plugin
