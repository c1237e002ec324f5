import { LazySelect } from '@/components/ui/controls/lazy-select'
import { ExactTime } from '@/components/ui/values/exact-time'
import { AGES, type ExpiryDraft, type ExpirySubject, KEPT_COUNTS, WINDOWS } from './expiry-choice'
import classes from './expiry-panel.module.css'

type ExpiryFieldsProps = { subject: ExpirySubject; draft: ExpiryDraft; onChange: (draft: ExpiryDraft) => void }

/** What expires: by age, by number, or one snapshot; and when its files go. */
export function ExpiryFields({ subject, draft, onChange }: ExpiryFieldsProps) {
  return (
    <div className={classes.fields}>
      {subject.kind === 'snapshot' ? (
        <p className={classes.subject}>
          Only snapshot <code>{subject.id}</code>
        </p>
      ) : (
        <>
          {subject.kind === 'before' ? (
            <p className={classes.subject}>
              Older than <ExactTime atMs={subject.beforeMs} />
            </p>
          ) : (
            <LazySelect
              label="Older than"
              data={AGES}
              value={draft.age}
              allowDeselect={false}
              onChange={(age) => age !== null && onChange({ ...draft, age })}
            />
          )}
          <LazySelect
            label="Keep of each branch"
            data={KEPT_COUNTS}
            value={draft.keep}
            allowDeselect={false}
            onChange={(keep) => keep !== null && onChange({ ...draft, keep })}
          />
          <p className={classes.subject}>and unreferenced: what no branch or tag reaches goes by its age alone.</p>
        </>
      )}
      <LazySelect
        label="Remove files"
        data={WINDOWS}
        value={draft.window}
        allowDeselect={false}
        onChange={(window) => window !== null && onChange({ ...draft, window })}
      />
    </div>
  )
}
