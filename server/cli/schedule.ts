import 'server-only'
import { AppError } from '@/lib/errors'
import { entryLabel } from '@/lib/names/identifiers'
import { actorFor } from '@/server/auth/actor'
import { COMMAND_LINE } from '@/server/auth/command-line'
import { SCHEDULED_KINDS } from '@/server/changes/scheduled-kinds'
import { newAuditId } from '@/server/db/audit'
import { listSchedules, type Schedule } from '@/server/db/jobs/schedules'
import { changeSchedule, removeSchedule, runScheduleNow } from '@/server/jobs/change-schedule'
import { readArguments, UsageError, type Verb } from './verb'

export const scheduleVerb: Verb = {
  summary: 'work that is repeated: list, run, pause, resume, remove',
  help: `Use: lakeshore schedule list
     lakeshore schedule run    <schedule>
     lakeshore schedule pause  <schedule>
     lakeshore schedule resume <schedule>
     lakeshore schedule remove <schedule>

list prints the schedules by title, one per line with tabs between: id, whether it is on, owner, table, what starts it,
when it is due next in UTC, title, and why it is paused. The names of the columns go to standard error, so that a script
reads schedules only. run queues its work now and prints the id of the run, which acts for the owner; a worker then
executes it. resume fails with the reason while the work cannot go on. remove forgets which files a saved load has
loaded; its runs, and the rows that they loaded, stay. Loads are saved in the console, or with POST …/saved-loads.`,
  async run(args, terminal, { openServices }) {
    const { positionals } = readArguments(args, {})
    const [action, id, extra] = positionals
    if (extra !== undefined) throw new UsageError(`unexpected argument "${extra}"`)
    if (action === 'list') {
      if (id !== undefined) throw new UsageError(`unexpected argument "${id}"`)
      const { database } = await openServices()
      const schedules = await listSchedules(database)
      terminal.printMessage(schedules.length === 0 ? 'There are no schedules.' : COLUMNS.join('\t'))
      for (const schedule of schedules) terminal.print(scheduleLine(schedule))
      return 0
    }
    if (action !== 'run' && action !== 'pause' && action !== 'resume' && action !== 'remove')
      throw new UsageError(
        action === undefined
          ? 'no action given: use list, run, pause, resume or remove'
          : `unknown action "${action}": use list, run, pause, resume or remove`,
      )
    if (id === undefined) throw new UsageError('the id of the schedule is missing')
    const services = { ...(await openServices()), scheduledKinds: SCHEDULED_KINDS }
    const caller = { actor: actorFor(COMMAND_LINE), requestId: null, signal: terminal.signal }
    switch (action) {
      case 'run': {
        const run = await runScheduleNow(services, id, { ...caller, idempotencyKey: newAuditId() })
        terminal.print(run.id)
        return 0
      }
      case 'remove':
        await removeSchedule(services, id, caller)
        terminal.printMessage('The schedule was removed.')
        return 0
      default: {
        const { title, isEnabled } = await changeSchedule(services, id, { isEnabled: action === 'resume' }, caller)
        terminal.printMessage(`${title} is ${isEnabled ? 'on' : 'off'}.`)
        return 0
      }
    }
  },
}

const COLUMNS = ['schedule', 'on', 'owner', 'table', 'starts', 'next', 'title', 'paused']

function scheduleLine(schedule: Schedule): string {
  const { id, isEnabled, ownerId, actor, table, nextAtMs, title, pausedBecause } = schedule
  return [
    id,
    isEnabled ? 'on' : 'off',
    ownerId === null ? '–' : actor.username,
    table === null ? '–' : entryLabel(table),
    startText(schedule),
    nextAtMs === null ? '–' : new Date(nextAtMs).toISOString(),
    title,
    pausedBecause ?? '–',
  ].join('\t')
}

function startText({ startsBy, cron, timeZone }: Schedule): string {
  switch (startsBy) {
    case 'times':
      return `${cron} ${timeZone}`
    case 'tables':
      return 'after changes of tables'
    case 'hand':
      return 'by hand'
    default:
      throw new AppError('not-supported', 'This version of Lakeshore does not know what starts the schedule.')
  }
}
