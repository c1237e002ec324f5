import type { SafetyTag } from '@/lib/changes/edits/ref-edits'

/** The proposer chose it, and a proposal cannot be edited. */
export function TagSentence({ tag }: { tag: SafetyTag | null }) {
  if (tag === null) return null
  return (
    <p>
      A safety tag <code>{tag.name}</code> is created on the current snapshot.
    </p>
  )
}
