import { AppError } from '@/lib/errors'
import { formatCount } from '@/lib/format/count'

type Facts = { chars: number; maxChars: number } & Record<string, string | number | null>

/** Refuses a text that a request would put into metadata. */
export function textTooLongError(
  subject: string,
  facts: Facts,
  advice = 'Keep the text in a file, and its location here.',
): AppError {
  return new AppError(
    'invalid-request',
    `${subject}: ${formatCount(facts.chars)} characters are more than the ${formatCount(facts.maxChars)} that metadata ` +
      `keeps here. Nothing was changed. ${advice}`,
    { facts },
  )
}
