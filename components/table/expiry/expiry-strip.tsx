'use client'
import { IconGitBranch, IconTag } from '@tabler/icons-react'
import { useTimeZone } from '@/components/ui/values/use-time-zone'
import { RelativeTime } from '@/components/ui/values/relative-time'
import type { ExpiryPreview } from '@/lib/contract/table/expiry'
import { formatCount } from '@/lib/format/count'
import { formatExactTime } from '@/lib/format/time'
import classes from './expiry-strip.module.css'

type Mark = ExpiryPreview['timeline'][number]

/** Every snapshot from the oldest to the newest, hollow if it expires. In large tables a mark represents several. */
export function ExpiryStrip({ timeline, snapshots }: Pick<ExpiryPreview, 'timeline' | 'snapshots'>) {
  const timeZone = useTimeZone()
  const [first, last] = [timeline[0], timeline.at(-1)]
  if (first === undefined || last === undefined) return null
  const { removed, main, others } = snapshots
  return (
    <figure className={classes.strip} aria-label="Snapshots, oldest first">
      <div className="columns between" aria-hidden>
        <RelativeTime atMs={first.fromMs} />
        <RelativeTime atMs={last.toMs} />
      </div>
      <div className={classes.marks} aria-hidden>
        {timeline.map((mark) => (
          <span key={mark.fromMs} className={classes.mark} title={markTitle(mark, timeZone)}>
            <span className={classes.flag}>{mark.refs[0] && <RefIcon type={mark.refs[0].type} />}</span>
            <span className={classes.dot} data-retained={retainedBy(mark)} data-goes={expiringShare(mark)} />
          </span>
        ))}
      </div>
      <figcaption className={classes.legend}>
        <span>
          <span className={classes.dot} data-goes="all" /> {formatCount(removed)} to remove
        </span>
        <span>
          <span className={classes.dot} data-retained="main" /> main {formatCount(main)}
        </span>
        <span>
          <span className={classes.dot} data-retained="others" /> others {formatCount(others)}
        </span>
      </figcaption>
    </figure>
  )
}

function RefIcon({ type }: { type: 'branch' | 'tag' }) {
  const Icon = type === 'tag' ? IconTag : IconGitBranch
  return <Icon size={10} stroke={1.8} />
}

function retainedBy({ main, others }: Mark): 'main' | 'others' | undefined {
  if (main > 0) return 'main'
  return others > 0 ? 'others' : undefined
}

function expiringShare({ main, others, removed }: Mark): 'all' | 'some' | undefined {
  if (removed === 0) return undefined
  return main + others === 0 ? 'all' : 'some'
}

function markTitle({ fromMs, toMs, main, others, removed, refs }: Mark, timeZone: string): string {
  const times = [...new Set([fromMs, toMs])].map((atMs) => formatExactTime(atMs, timeZone)).join(' – ')
  const counts = Object.entries({ 'to remove': removed, 'main keeps': main, 'others keep': others })
    .filter(([, count]) => count > 0)
    .map(([label, count]) => `${label}: ${formatCount(count)}`)
  return [times, ...counts, ...refs.map(({ name }) => name)].join('\n')
}
