import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { formatCount } from '@/lib/format/count'
import { zonedTimestampText } from '@/lib/iceberg/schema/zoned-time'
import type { TimeInUtc } from '@/lib/query/engine'
import classes from './cost-line.module.css'

const MAX_LISTED_TIMES = 3

/** The instants that literals of conditions stand for, as the result shows them. */
export function TimesInUtc({ times }: { times: readonly TimeInUtc[] }) {
  const timeZone = useTimeZone()
  const more = times.length - MAX_LISTED_TIMES
  return (
    <>
      {times.slice(0, MAX_LISTED_TIMES).map(({ text, micros }) => (
        <span key={text} className={classes.part}>
          <code>
            &apos;{text}&apos; is {zonedTimestampText(micros, timeZone)}
          </code>
        </span>
      ))}
      {more > 0 && <span className={classes.part}>{formatCount(more)} more</span>}
    </>
  )
}
