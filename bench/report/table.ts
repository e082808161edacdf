import type { Figure, Unit } from '../measure/figure.ts'
import { median } from '../measure/statistics.ts'
import type { Environment } from './environment.ts'
import { holds, type Verdict } from './judge.ts'
import { groupBy } from './group-by.ts'

export interface Report {
  readonly environment: Environment
  readonly rounds: number
  readonly figures: readonly Figure[]
  readonly verdicts: readonly Verdict[]
  /** What to call a subject. */
  readonly titleOf: (subject: string) => string
  /** What a figure of a subject must not be read without, where there is something. */
  readonly noteOf: (subject: string) => string | undefined
}

const ABOUT = `Requests are made in the process of the app, so that a figure is what the middleware costs and
not the socket; over real sockets: the case of that name. The database runs on the same machine.`

/** In Markdown that also reads well as it is. */
export function toMarkdown(report: Report): string {
  const { environment, rounds, figures, verdicts, titleOf } = report
  const { date, node, mongod, cpu, cpus } = environment
  const groups = groupBy(figures, ({ case: name, framework }) => `${name}, ${framework}`)
  return [
    '# Benchmark',
    `${date}, Node ${node}, mongod ${mongod}, ${cpus} × ${cpu}. Medians of ${rounds} rounds in which all took turns; a ratio is the median of the rounds' ratios.`,
    ABOUT,
    ...(verdicts.length > 0 ? [goalsTable(verdicts)] : []),
    ...[...groups].map(
      ([name, group]) => `## ${name.replace(', none', '')}\n\n${figuresTable(group, titleOf)}`,
    ),
    ...notes(report),
    '',
  ].join('\n\n')
}

function goalsTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { name, ratio, bound, goal, floor } = verdict
    const told = [name, ratio.toFixed(2)]
    if (goal === undefined) return told
    const met = holds(verdict, goal) ? 'yes' : 'no'
    return [...told, `${bound} ${goal}`, floor?.toString() ?? '', met]
  })
  return table(['ratio', 'measured', 'goal', 'floor', 'met'], rows)
}

function notes({ figures, titleOf, noteOf }: Report): string[] {
  const subjects = [...new Set(figures.map(({ subject }) => subject))]
  const lines = subjects.flatMap((subject) => {
    const note = noteOf(subject)
    return note === undefined ? [] : [`- ${titleOf(subject)}: ${note}.`]
  })
  return lines.length > 0 ? [['## Notes', '', ...lines].join('\n')] : []
}

function figuresTable(figures: readonly Figure[], titleOf: Report['titleOf']): string {
  const columns = [...new Set(figures.map(({ at }) => at))]
  const unit = figures[0]?.unit ?? 'ms'
  const rows = [...groupBy(figures, ({ subject }) => subject)].map(([subject, row]) => {
    const byColumn = new Map(row.map((figure) => [figure.at, figure]))
    const cells = columns.map((at) => {
      const figure = byColumn.get(at)
      return figure === undefined ? '' : show(median(figure.values), figure.unit)
    })
    return [titleOf(subject), ...cells]
  })
  return table([unit, ...columns], rows)
}

export function show(value: number, unit: Unit): string {
  const digits =
    unit !== 'requests/s' ? Math.max(0, 2 - Math.floor(Math.log10(Math.max(value, 0.01)))) : 0
  return value.toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  })
}

/** The first column to the left, the others to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((cell, column) =>
    Math.max(3, cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (cells: readonly string[]): string => {
    const padded = widths.map((width, column) => {
      const cell = cells[column] ?? ''
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, column) =>
    column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  )
  return [line(head), line(rule), ...rows.map(line)].join('\n')
}
