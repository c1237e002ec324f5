const MAX_GROUP_CHARS = 300
const JSON_TEXT = '"(?:[^"\\\\]|\\\\.)*"'

/** Sentences that name a value, a line or a position, and what stands for all that differ in nothing else. */
const FORMS: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^results in ${JSON_TEXT}, which (.*)$`, 's'), 'results in a value that $1'],
  [/^cannot be computed\b.*$/s, 'cannot be computed'],
  [/^has [0-9,]+ fields? but the (header|first row) has [0-9,]+$/, 'has more or fewer fields than the $1'],
  [/^(breaks the rule .*: has the same .*) as (?:(?:line|row|record) [0-9]+|a row of .*)$/s, '$1 as an earlier row'],
  [new RegExp(`^names the key ${JSON_TEXT} twice$`, 's'), 'names a key twice'],
  [/^(.*), (?:at|before) character [0-9]+$/s, '$1'],
  [/^is not JSON at character [0-9]+$/, 'is not JSON'],
]

/** The reason of a reject without what differs from row to row, so that few reasons are those of many rejects. */
export function groupReason(reason: string): string {
  for (const [form, group] of FORMS) if (form.test(reason)) return shorten(reason.replace(form, group))
  return shorten(reason)
}

function shorten(text: string): string {
  return text.length > MAX_GROUP_CHARS ? `${text.slice(0, MAX_GROUP_CHARS)}…` : text
}
