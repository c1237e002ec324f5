/** The change that a safety tag precedes: a roll back, the removal of a ref, an undo. */
export const SAFETY_TAG_REASONS = ['move', 'remove', 'undo'] as const
export type SafetyTagReason = (typeof SAFETY_TAG_REASONS)[number]

const SAFETY_TAG_NAME = new RegExp(String.raw`^before-(${SAFETY_TAG_REASONS.join('|')})-\d{4}-\d{2}-\d{2}-\d{6}$`)

/**
 * The usual name of a safety tag, such as `before-move-2026-11-24-153000`. It ends in the second, in UTC, so that two
 * roll backs of a day get different tags.
 */
export function safetyTagName(reason: SafetyTagReason, atMs: number): string {
  return `before-${reason}-${new Date(atMs).toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '')}`
}

/** Whether a name has the form of {@link safetyTagName}: the console made the tag. */
export function isSafetyTagName(name: string): boolean {
  return SAFETY_TAG_NAME.test(name)
}
