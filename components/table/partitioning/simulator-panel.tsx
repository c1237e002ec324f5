'use client'
import { ActionIcon, Button } from '@mantine/core'
import { IconAlertTriangle, IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { WaitingButton } from '@/components/ui/controls/waiting-button'
import { Panel } from '@/components/ui/panel'
import { type Column, DataTable } from '@/components/ui/table/data-table'
import { MAX_LAYOUT_CANDIDATES } from '@/lib/contract/shapes/plain-values'
import type { LayoutSimulation, SimulatedLayout } from '@/lib/contract/table/layout'
import { formatBytes } from '@/lib/format/bytes'
import { formatMedian } from '@/lib/format/count'
import { formatRatio } from '@/lib/format/ratio'
import { candidateKey, type LayoutCandidate } from '@/lib/layout/offered-transforms'
import { defaultSpecLabel } from '@/lib/iceberg/metadata/current-layout'
import type { Recommendation } from '@/lib/layout/recommend-layout'
import { CandidateForm } from './candidate-form'
import { EstimateText } from './estimate-text'
import { currentFields } from './layout-edits'
import { simulationBasis } from './simulation-basis'
import type { LayoutEdits } from './use-layout-edits'
import classes from './simulator.module.css'

/** A layout that is compared: of today, of the tray, or one that the person tries. */
export type ComparedLayout = {
  key: string
  candidate: LayoutCandidate | null
  isProposed: boolean
  simulated: SimulatedLayout
}

type SimulatorPanelProps = {
  simulation: LayoutSimulation
  compared: readonly ComparedLayout[]
  /** The verdicts are in the order of `compared`. */
  recommendation: Recommendation
  chosenKey: string
  edits: LayoutEdits
  onChoose: (key: string) => void
  onAdd: (candidate: LayoutCandidate) => void
  onRemove: (candidate: LayoutCandidate) => void
  onSampleAgain: () => void
  /** Whether a simulation is on its way. */
  isSimulating: boolean
  /** Puts a candidate into the tray. */
  onUse: (candidate: LayoutCandidate) => void
}

const MAX_BARS = 48

/** The effect of the candidates on the table, compared with today. */
export function SimulatorPanel(props: SimulatorPanelProps) {
  const { simulation, compared, recommendation, chosenKey, edits } = props
  const { onChoose, onAdd, onRemove, onSampleAgain, isSimulating, onUse } = props
  const [isAdding, setIsAdding] = useState(false)
  const { rowCount, dataBytes } = simulation
  const bytesPerRow = rowCount === 0 ? 0 : dataBytes / rowCount
  const best = recommendation.best === null ? null : compared[recommendation.best]
  // Its spec is that of today, but files of earlier specs would follow it, too.
  const currentKey = candidateKey(currentFields(edits.metadata))
  const isCurrent = (candidate: LayoutCandidate | null) => candidate !== null && candidateKey(candidate) === currentKey
  // Files keep the spec that they were written with, so theirs can differ from the one for new files.
  const today = simulation.current.label === defaultSpecLabel(edits.metadata) ? 'today' : 'today’s files'
  const isRewrite = ({ candidate, simulated }: ComparedLayout) =>
    candidate !== null && (isCurrent(candidate) || simulated.label === simulation.current.label)
  const reasonsOf = ({ key }: ComparedLayout) =>
    recommendation.verdicts[compared.findIndex((one) => one.key === key)]?.reasons ?? []
  const columns: Column<ComparedLayout>[] = [
    {
      id: 'by',
      header: 'Partition by',
      weight: 'name',
      cell: (row) => (
        <span className={classes.layout}>
          {row.simulated.label === '' ? 'unpartitioned' : <code>{row.simulated.label}</code>}
          <Warning reasons={reasonsOf(row)} />
          {row.candidate === null && <span className={classes.chip}>{today}</span>}
          {row.isProposed && <span className={classes.chip}>in the tray</span>}
          {isRewrite(row) && <span className={classes.chip}>all rows rewritten</span>}
          {best?.key === row.key && (
            <span className={classes.chip} data-best>
              recommended
            </span>
          )}
        </span>
      ),
    },
    {
      id: 'partitions',
      header: 'Partitions',
      align: 'end',
      cell: ({ simulated }) => <EstimateText value={simulated.partitions} />,
    },
    {
      id: 'files',
      header: 'Files',
      headerTitle: 'Today’s data files; for a candidate, files of the target size when all rows are written again',
      align: 'end',
      cell: ({ simulated }) => <EstimateText value={simulated.files} />,
    },
    {
      id: 'median-rows',
      header: 'Median rows',
      headerTitle: 'Rows of the partition in the middle; of an even number, the mean of the two',
      align: 'end',
      cell: ({ simulated }) => <EstimateText value={simulated.medianRows} format={formatMedian} />,
    },
    {
      id: 'median-bytes',
      header: 'Median bytes',
      headerTitle: 'At the table’s bytes a row today',
      align: 'end',
      cell: ({ simulated }) => (
        <EstimateText value={simulated.medianRows} format={(rows) => formatBytes(Math.round(rows * bytesPerRow))} />
      ),
    },
    {
      id: 'skew',
      header: 'Skew',
      headerTitle: 'Rows in the largest partition for each row in the median one',
      align: 'end',
      cell: ({ simulated }) => <EstimateText value={simulated.skew} format={formatRatio} />,
    },
    {
      id: 'bars',
      header: 'Rows per partition',
      tableOnly: true,
      roomyOnly: true,
      cell: ({ simulated, candidate }) => <Bars simulated={simulated} isToday={candidate === null} />,
    },
    {
      id: 'actions',
      header: '',
      cell: ({ candidate, isProposed, simulated }) =>
        candidate !== null &&
        !isProposed && (
          <span className="inline-row gap-6">
            {edits.canChange && !isCurrent(candidate) && (
              <Button
                size="compact-xs"
                variant="default"
                aria-label={`Use ${simulated.label || 'no partitions'}`}
                onClick={() => onUse(candidate)}
              >
                Use
              </Button>
            )}
            <ActionIcon
              variant="subtle"
              aria-label={`Remove the candidate ${simulated.label || 'unpartitioned'}`}
              onClick={() => onRemove(candidate)}
            >
              <IconX size={15} stroke={1.6} />
            </ActionIcon>
          </span>
        ),
    },
  ]
  return (
    <Panel
      title="Simulator"
      subtitle={simulationBasis(simulation)}
      flush
      actions={
        <>
          {simulation.sample.problem !== null && (
            <WaitingButton size="xs" variant="default" loading={isSimulating} onClick={onSampleAgain}>
              Sample again
            </WaitingButton>
          )}
          <Button
            size="xs"
            variant="default"
            leftSection={<IconPlus size={14} stroke={1.6} aria-hidden />}
            title={`At most ${MAX_LAYOUT_CANDIDATES} are compared: a new one takes the place of the last`}
            onClick={() => setIsAdding(true)}
          >
            Candidate
          </Button>
        </>
      }
    >
      <div className={classes.compared}>
        <DataTable
          label="Simulated layouts"
          columns={columns}
          rows={compared}
          rowKey={({ key }) => key}
          selectedKey={chosenKey}
          onOpen={({ key }) => onChoose(key)}
          rowHeight={34}
          stacks
        />
      </div>
      {isAdding && (
        <CandidateForm
          metadata={edits.metadata}
          onAdd={(candidate) => {
            onAdd(candidate)
            setIsAdding(false)
          }}
          onCancel={() => setIsAdding(false)}
        />
      )}
      <p className={classes.recommendation}>
        {best ? (
          <>
            <strong>Recommended: {best.simulated.label === '' ? 'no partitions' : best.simulated.label}</strong>
            {best.candidate === null && ', as today'}.{' '}
          </>
        ) : (
          <strong>No recommendation. </strong>
        )}
        {recommendation.reason}
      </p>
    </Panel>
  )
}

/** Marks a layout with reasons against it. Its chart has their sentences. */
function Warning({ reasons }: { reasons: readonly string[] }) {
  if (reasons.length === 0) return null
  const text = reasons.join(' ')
  return (
    <span title={text} className="inline-row">
      <IconAlertTriangle size={14} stroke={1.6} className={classes.warning} aria-label={text} />
    </span>
  )
}

/** The shape only: the chart of the chosen layout has the figures. */
function Bars({ simulated, isToday }: { simulated: SimulatedLayout; isToday: boolean }) {
  const { listed } = simulated
  const size = Math.max(1, Math.ceil(listed.length / MAX_BARS))
  const sums = Array.from({ length: Math.ceil(listed.length / size) }, (_, i) =>
    listed
      .slice(i * size, (i + 1) * size)
      .reduce((largest, { rows }) => Math.max(largest, rows.estimate ?? (rows.low + rows.high) / 2), 0),
  )
  const most = Math.max(1, ...sums)
  return (
    <span className={classes.bars} data-today={isToday || undefined} aria-hidden>
      {sums.map((sum, i) => (
        <span key={i} style={{ height: `${(sum / most) * 100}%` }} />
      ))}
    </span>
  )
}
