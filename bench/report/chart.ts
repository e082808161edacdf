/** Bars of one group are drawn to one scale. */
export interface Chart {
  readonly title: string
  readonly groups: readonly Group[]
}

export interface Group {
  readonly title: string
  readonly bars: readonly Bar[]
}

export interface Bar {
  readonly label: string
  readonly value: number
  /** What is written beside it. */
  readonly text: string
  /** One of those that the chart is about. */
  readonly ours: boolean
}

const WIDTH = 720
const LABELS = 230
const TEXTS = 80
const ROW = 24
const HEAD = 34

// Colours of text and bars that stand out on white and on near black.
const STYLE = `text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.bar { fill: #8c959f }
.ours { fill: #0969da }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .bar { fill: #6e7681 } .ours { fill: #4493f8 } }`

/** Horizontal bars as an SVG without a background, so that it takes the page's. */
export function toSvg({ title, groups }: Chart): string {
  const parts: string[] = []
  let top = HEAD
  for (const { title: name, bars } of groups) {
    parts.push(text(0, top + 16, name, 'title'))
    top += HEAD
    const most = Math.max(...bars.map(({ value }) => value))
    for (const bar of bars) {
      parts.push(row(bar, top, most))
      top += ROW
    }
    top += ROW / 2
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img">
<title>${escape(title)}</title>
<style>${STYLE}</style>
${text(0, 16, title, 'title')}
${parts.join('\n')}
</svg>
`
}

function row({ label, value, text: beside, ours }: Bar, top: number, most: number): string {
  const share = most > 0 && Number.isFinite(value) ? value / most : 0
  const width = (share * (WIDTH - LABELS - TEXTS)).toFixed(1)
  const end = LABELS + Number(width) + 6
  const rect = `<rect class="bar${ours ? ' ours' : ''}" x="${LABELS}" y="${top + 3}" width="${width}" height="${ROW - 6}" rx="2"/>`
  return [text(0, top + 17, label), rect, text(end, top + 17, beside)].join('\n')
}

function text(x: number, y: number, words: string, kind?: string): string {
  const attribute = kind === undefined ? '' : ` class="${kind}"`
  return `<text x="${x}" y="${y}"${attribute}>${escape(words)}</text>`
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const escape = (words: string): string => words.replaceAll(/[&<>]/g, (char) => ESCAPES[char] ?? '')
