import { AppError } from '@/lib/errors'
import { decodeError } from './decode'
import type { DecodeReply } from './decode-messages'
import type { HandleDecodeRequest } from './decode-requests'
import type { Decoder } from './decoder'

/** Decodes in this thread: where no page waits, such as in the process of a query, which ends with it. */
export function createLocalDecoder(handle: HandleDecodeRequest): Decoder {
  type Request = Parameters<typeof handle>[0]
  const reply = async <Kind extends DecodeReply['kind']>(request: Request, kind: Kind) => {
    const replied = await handle(request, () => undefined).catch((error: unknown) => {
      throw error instanceof AppError ? error : decodeError(request.file.name, error)
    })
    if (replied.kind !== kind) throw new Error(`the decoder returned ${replied.kind} instead of ${kind}`)
    return replied as Extract<DecodeReply, { kind: Kind }>
  }
  return {
    start: () => undefined,
    readFooter: async (file) => (await reply({ id: 0, kind: 'footer', file }, 'footer')).footer,
    countRows: (file) => reply({ id: 0, kind: 'counts', file }, 'counts'),
    decodeColumns: (file, selection) => reply({ id: 0, kind: 'columns', file, ...selection }, 'columns'),
  }
}
