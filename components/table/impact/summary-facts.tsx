import type { Fact } from '@/components/ui/values/facts'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount } from '@/lib/format/count'

/** The figures of a summary by the Iceberg specification; other numbers may be ids. */
const FIGURE = /^(?:added|deleted|removed|total|changed|replaced)-(?:\S+-)?(records|files|deletes|dvs|count|size)$/

/** The summary of a snapshot as its writer stored it. Figures are formatted, with the stored text in their title. */
export function summaryFacts(summary: Readonly<Record<string, string>>): Fact[] {
  return Object.entries(summary).map(
    ([key, text]): Fact => [
      <code key="name">{key}</code>,
      <code key="value" title={text}>
        {figureText(key, text)}
      </code>,
    ],
  )
}

function figureText(key: string, text: string): string {
  const [, unit] = FIGURE.exec(key) ?? []
  if (unit === undefined || !/^\d{1,30}$/.test(text)) return text
  return unit === 'size' ? formatBytes(Number(text)) : formatCount(BigInt(text))
}
