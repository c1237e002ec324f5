import type { ActionReviewProps } from '@/components/changes/action/action-review'
import { Facts } from '@/components/ui/values/facts'
import type { SkippedFiles, RewritePreview } from '@/lib/contract/table/rewrites'
import { formatBytes } from '@/lib/format/bytes'
import { formatCount, formatQuantity } from '@/lib/format/count'
import classes from './rewrite-review.module.css'
import { deletesTexts, filesText, LEFT_OUT_REASONS, savingsText, timeText } from './rewrite-texts'

/** The parts of the review of a rewrite. */
export function rewriteParts(preview: RewritePreview | undefined): ActionReviewProps {
  return {
    skeleton: [6, 2, 'Reading footers of data files'],
    ...(preview && { children: <RewriteEffect preview={preview} /> }),
  }
}

/** The effect of a rewrite on the files of the table. */
function RewriteEffect({ preview }: { preview: RewritePreview }) {
  const { differingFileCount, readFileCount, fileCount, maxFilesPerRun, skipped } = preview
  return (
    <div className={classes.body}>
      <Facts
        isInSidePanel
        facts={[
          ['To rewrite', filesText(preview)],
          ['Looked at', `${formatCount(readFileCount)} of ${formatQuantity(fileCount, 'file')}`],
          ...(differingFileCount > 0
            ? ([
                ['Size', savingsText(preview)],
                ['Time', timeText(preview)],
              ] as const)
            : []),
        ]}
      />
      {differingFileCount === 0 && (
        <p>Every file that {skipped.length > 0 ? 'can be rewritten' : 'was looked at'} is as its columns are set.</p>
      )}
      <Deletes preview={preview} />
      {skipped.length > 0 && <LeftOut skipped={skipped} />}
      {differingFileCount > 0 && (
        <section aria-label="What happens" className="stack gap-6">
          <h3>What happens</h3>
          <ol>
            <li>
              A worker writes each file again, page by page, with the codecs, levels and pages that are set. Each new
              file keeps the partition and the order of its rows: this neither partitions nor sorts the table. Columns
              that are as set are compressed again, too, which may change their size: the figure above leaves them out.
            </li>
            <li>
              It reads each new file back, and compares the number of rows and a checksum of each column with the old
              one.
            </li>
            <li>
              One commit replaces the files, as a snapshot of the kind <code>replace</code>. Files that others remove
              meanwhile are left out, and rows that others delete meanwhile stay deleted.
            </li>
          </ol>
          <p>
            The old files stay for time travel until their snapshots expire, so the table takes more space until then.
            The commit can be undone in History.
            {differingFileCount > maxFilesPerRun &&
              ` One run takes on ${formatCount(maxFilesPerRun)} files; start another for the rest.`}
          </p>
        </section>
      )}
    </div>
  )
}

function Deletes({ preview }: { preview: RewritePreview }) {
  const texts = deletesTexts(preview)
  if (preview.differingFileCount === 0) return null
  return (
    <section aria-label="Deleted rows" className="stack gap-6">
      <h3>Deleted rows</h3>
      {texts.length === 0 ? (
        <p>None of these files has deletes.</p>
      ) : (
        <ul>
          {texts.map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      )}
    </section>
  )
}

function LeftOut({ skipped }: { skipped: readonly SkippedFiles[] }) {
  return (
    <section aria-label="Left out" className="stack gap-6">
      <h3>Left out</h3>
      <ul>
        {skipped.map(({ reason, fileCount, fileBytes, path, detail }) => (
          <li key={reason} title={path}>
            <strong>{formatQuantity(fileCount, 'file')}</strong>, {formatBytes(fileBytes)}: {LEFT_OUT_REASONS[reason]}
            {detail !== null && <span className="quiet"> {detail}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}
