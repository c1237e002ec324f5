import { previewInput } from '@/server/ingest/stage/preview-input'
import { stageInput } from '@/server/ingest/stage/stage-input'
import type { Services } from '@/server/services'

/** Does the work of the processes of loads in this process, because theirs are bundles. */
export const STAGE_HERE: Pick<Services, 'runStage' | 'runPreview'> = {
  runStage: (request, { onProgress }) => stageInput(request, onProgress),
  runPreview: (request, { maxRows }) => previewInput(request, { maxRows }),
}
