import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Figure } from '../measure/figure.ts'
import { median } from '../measure/statistics.ts'
import { toSvg, type Group } from './chart.ts'
import { groupBy } from './group-by.ts'
import { show, toMarkdown, type Report } from './table.ts'

const OURS = new Set(['memory', 'sqlite', 'mongodb', 'mongodb-cached'])
const CHARTED = 'read'
const CHARTED_AT = '32 connections'

/** Writes results.json, results.md and, where there is something to draw, chart.svg. */
export async function writeReport(folder: string, report: Report): Promise<void> {
  const { titleOf: _, noteOf: __, ...data } = report
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'results.json'), `${JSON.stringify(data, rounded, 2)}\n`)
  await writeFile(join(folder, 'results.md'), toMarkdown(report))
  const groups = groupsOf(report)
  if (groups.length === 0) return
  const title = `Requests per second of a signed-in user, ${CHARTED_AT}`
  await writeFile(join(folder, 'chart.svg'), toSvg({ title, groups }))
}

const rounded = (_key: string, value: unknown): unknown =>
  typeof value === 'number' ? Number(value.toPrecision(5)) : value

function groupsOf({ figures, titleOf }: Report): Group[] {
  const charted = figures.filter(({ case: name, at }) => name === CHARTED && at === CHARTED_AT)
  return [...groupBy(charted, ({ framework }) => framework)].map(([framework, group]) => ({
    title: framework === 'hono' ? 'Hono' : 'Express',
    bars: group.map((figure) => barOf(figure, titleOf)).toSorted((a, b) => b.value - a.value),
  }))
}

function barOf({ subject, values, unit }: Figure, titleOf: Report['titleOf']): Group['bars'][0] {
  const value = median(values)
  return { label: titleOf(subject), value, text: show(value, unit), ours: OURS.has(subject) }
}
