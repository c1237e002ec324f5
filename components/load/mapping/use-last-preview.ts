import { useState } from 'react'
import type { LoadOptions } from '@/lib/client/jobs/loads'
import type { LoadPreview } from '@/lib/contract/loads/loads'
import type { RequestedInput } from '@/lib/contract/shapes/load-options'
import type { LastPreview } from './failed-preview'

/**
 * The last preview of a file that was read, also after one with other options failed; null without any.
 *
 * @param preview undefined while it is read, and while it is of other options
 */
export function useLastPreview(
  input: RequestedInput | null,
  { mapping }: LoadOptions,
  preview: LoadPreview | undefined,
): LastPreview | null {
  const file = JSON.stringify(input)
  const [last, setLast] = useState<(LastPreview & { file: string }) | null>(null)
  if (preview !== undefined && preview !== last?.preview) setLast({ file, preview, mapping })
  return last?.file === file ? last : null
}
