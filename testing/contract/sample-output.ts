import * as z from 'zod'
import { sampleInput } from './sample-input'

/** The smallest output of an endpoint, as the program has it. */
export function sampleOutput(output: z.ZodType): unknown {
  return output.parse(sampleInput(z.object({ output }))['output'])
}
