/** Shows what is going on: in place on a terminal, elsewhere a line for each step. */
export interface Progress {
  step(text: string): void
  /** Prints to stay. */
  print(text: string): void
}

export function showProgress(out: NodeJS.WriteStream): Progress {
  const clear = '\r\u{1b}[K'
  return {
    step(text) {
      out.write(out.isTTY ? `${clear}${text.slice(0, (out.columns || 80) - 1)}` : `${text}\n`)
    },
    print(text) {
      out.write(out.isTTY ? `${clear}${text}\n` : `${text}\n`)
    },
  }
}
