import { Checkbox } from '@mantine/core'
import { PreviewedTimes } from '@/components/about/schedules/previewed-times'
import { CronField, ScheduleNameField, TimeZoneField } from '@/components/about/schedules/schedule-fields'
import { LazySelect } from '@/components/ui/controls/lazy-select'
import { isRunParameter, RUN_PARAMETERS } from '@/lib/ingest/run-parameters'
import type { LoadOperation } from '@/lib/ingest/load-landing'
import { entryLabel } from '@/lib/names/identifiers'
import { parameterNamesIn } from '@/lib/query/parameters'
import { IncrementalFields } from './incremental-fields'
import { REPEAT_CHOICES } from './repeat-choices'
import type { RepeatForm } from './repeat-form'

/** When the result is saved again, and what each run reads. */
export function RepeatFields({ form, sql, operation }: { form: RepeatForm; sql: string; operation: LoadOperation }) {
  const { choice, cron, tables } = form
  const isRepeated = choice !== 'once'
  return (
    <>
      <LazySelect
        label="Repeat"
        data={[...REPEAT_CHOICES]}
        value={choice}
        allowDeselect={false}
        onChange={(value) => value !== null && form.setChoice(value)}
      />
      {isRepeated && (
        <>
          <ScheduleNameField label="Name of the saved result" value={form.name} onChange={form.setName} />
          {choice === 'own' && <CronField value={form.ownCron} onChange={form.setOwnCron} />}
          {cron !== null && (
            <>
              <TimeZoneField value={form.timeZone} onChange={form.setTimeZone} />
              <PreviewedTimes cron={cron} timeZone={form.timeZone.trim()} />
            </>
          )}
          {tables.map((table) => (
            <IncrementalFields
              key={entryLabel(table)}
              table={table}
              operation={operation}
              value={form.choiceOf(table)}
              onChange={(chosen) => form.setTableChoice(table, chosen)}
            />
          ))}
          <Checkbox
            label="Start the first run now"
            checked={form.runsNow}
            onChange={(event) => form.setRunsNow(event.currentTarget.checked)}
          />
          <RunParameters sql={sql} />
        </>
      )}
    </>
  )
}

const DESCRIPTIONS: Readonly<Record<(typeof RUN_PARAMETERS)[number], string>> = {
  run_time: 'when it started',
  slot_time: 'when it was due',
  previous_slot_time: 'when the last one that succeeded was due, or 1970-01-01',
}

/** The parameters that each run sets in place of the values of the user. */
function RunParameters({ sql }: { sql: string }) {
  const used = new Set(
    parameterNamesIn(sql)
      .filter(isRunParameter)
      .map((name) => name.toLowerCase()),
  )
  if (used.size === 0)
    return (
      <p className="bare secondary dense">
        The statement may name the times of its run: {RUN_PARAMETERS.map((name) => `$${name}`).join(', ')}.
      </p>
    )
  return (
    <section aria-label="Parameters of a run">
      <p className="bare secondary dense">Each run sets, as timestamps with time zone:</p>
      <ul className="bare-list secondary dense">
        {RUN_PARAMETERS.filter((name) => used.has(name)).map((name) => (
          <li key={name}>
            <code>${name}</code> {DESCRIPTIONS[name]}
          </li>
        ))}
      </ul>
    </section>
  )
}
