import { useState } from 'react'
import type { Run } from '@/lib/contract/jobs'
import { addSample, type RateSample, toSample } from './rate-samples'

/** The samples of a run since the page was opened: the server stores only its last progress. */
export function useRateSamples(run: Run): readonly RateSample[] {
  const [samples, setSamples] = useState<readonly RateSample[]>([])
  const sample = toSample(run)
  // During rendering, so that the sample and what is drawn of it are of the same progress.
  if (sample !== null && sample.atMs > (samples.at(-1)?.atMs ?? 0)) setSamples(addSample(samples, sample))
  return samples
}
