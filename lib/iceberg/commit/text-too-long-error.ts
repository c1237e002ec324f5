import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'

type Facts = { chars: number; maxChars: number } & Record<string, string | number | null>

/** Refuses a text that is too long for metadata. */
export function textTooLongError(
  subject: string,
  facts: Facts,
  advice = 'Store the text in a file and put its location here.',
): AppError {
  return new AppError(
    'invalid-request',
    `${subject}: ${formatCount(facts.chars)} characters, but the limit is ${formatCount(facts.maxChars)}. ` +
      `Nothing was changed. ${advice}`,
    { facts },
  )
}
