import { ChartPanel } from '@/components/chart/chart-panel'
import type { ChartMark } from '@/components/chart/event-marks'
import { TimeLines } from '@/components/chart/time-lines'
import type { Compression } from '@/lib/contract/dashboards'
import { codecColour } from './codec-colour'
import { levelNumbers } from './level-numbers'
import { notReadReason } from './sizes'

const HEIGHT = 196
/** More lines look alike. The list of codecs has all of them. */
const MAX_LINES = 6

/** Plain to stored bytes of the pages of each codec, over time. */
export function RatioLines({
  data,
  marks,
}: {
  data: Pick<Compression, 'codecs' | 'levels' | 'files' | 'sizes'>
  marks: readonly ChartMark[]
}) {
  const { levels } = data
  const codecs = data.codecs.slice(0, MAX_LINES)
  return (
    <ChartPanel
      title="Ratio by codec"
      subtitle="plain to stored"
      height={HEIGHT}
      fileName="compression-ratios"
      numbers={levelNumbers(
        levels,
        codecs.map(({ codec, ratios }) => ({
          name: codec,
          measure: 'ratio',
          valueOf: (_, index) => ratios[index] ?? null,
        })),
      )}
    >
      <TimeLines
        label="Ratio of plain to stored bytes by codec and day"
        names={codecs.map(({ codec }) => codec)}
        colours={codecs.map(({ codec }) => codecColour(codec))}
        points={levels.map(({ atMs }, index) => ({ atMs, values: codecs.map(({ ratios }) => ratios[index] ?? null) }))}
        measure="ratio"
        height={HEIGHT}
        isByDay
        namesAlways
        marks={marks}
        emptyText={`No ratios: ${notReadReason(data)}.`}
      />
    </ChartPanel>
  )
}
