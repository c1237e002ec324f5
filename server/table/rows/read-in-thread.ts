import 'server-only'
import { AppError } from '@/lib/errors'
import type { ByteSource } from '@/lib/parquet/byte-source'
import { encodeScan } from '@/lib/scan/output/encode-scan'
import { BlockCache } from '@/lib/scan/read/avro/block-cache'
import { filesWithRows, type ScanFile, type ScanFiles } from '@/lib/scan/scan-files'
import { pageCodecs } from '@/server/parquet/page-codecs'
import { avroCodecs } from '@/server/codecs/avro-codecs'
import { fromPostedError, toPostedError } from '@/server/processes/posted-error'
import type { Answer, FromThread, Question, RowsJob, ToThread } from '@/server/processes/row-messages'

/**
 * The thread's side of a stream of rows: reads and encodes them as they are pulled, and requests files and bytes.
 *
 * @param post sends to the other side
 * @returns the handler of the other side's messages
 */
export function createRowThread(
  post: (message: FromThread, transfer: readonly ArrayBuffer[]) => void,
): (message: ToThread) => void {
  const questions = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()
  let lastId = 0
  let pieces: ReturnType<typeof encodeScan> | null = null

  const sendQuestion = (question: Question): Promise<Answer> =>
    new Promise((resolve, reject) => {
      lastId += 1
      questions.set(lastId, { resolve, reject })
      post({ kind: 'question', id: lastId, question }, [])
    })

  const sendPiece = async (): Promise<void> => {
    try {
      const next = await pieces?.next()
      const piece = next && next.done !== true ? next.value : null
      post({ kind: 'piece', piece }, piece ? ownBuffers(piece.bytes) : [])
    } catch (error) {
      post({ kind: 'failed', error: toPostedError(error) }, [])
    }
  }

  return (message) => {
    switch (message.kind) {
      case 'start':
        pieces = readPieces(message.job, sendQuestion)
        break
      case 'pull':
        void sendPiece()
        break
      case 'reply': {
        const question = questions.get(message.id)
        questions.delete(message.id)
        if ('error' in message) question?.reject(fromPostedError(message.error))
        else question?.resolve(message.answer)
        break
      }
    }
  }
}

/** The buffers to transfer: they hold only these bytes and are moved, not copied. */
export function ownBuffers({ buffer, byteLength }: Uint8Array): ArrayBuffer[] {
  const isWhole = byteLength > 0 && buffer.byteLength === byteLength
  return buffer instanceof ArrayBuffer && isWhole ? [buffer] : []
}

type SendQuestion = (question: Question) => Promise<Answer>

function readPieces(
  { rowCount, limit, ...output }: RowsJob,
  sendQuestion: SendQuestion,
): ReturnType<typeof encodeScan> {
  const open = ({ path, fileSizeBytes }: { path: string; fileSizeBytes: number }) =>
    createSource(path, fileSizeBytes, sendQuestion)
  const files = new FileWindow(rowCount, sendQuestion)
  const limitRows = limit ?? Number.POSITIVE_INFINITY
  const listFiles = () => listPages(sendQuestion)
  const codecs = { ...pageCodecs, avro: avroCodecs, avroBlocks: new BlockCache() }
  return encodeScan({ ...output, limit: limitRows }, { files, listFiles, open, openDelete: open, codecs })
}

async function* listPages(sendQuestion: SendQuestion): AsyncGenerator<ScanFile, void> {
  for (;;) {
    const answer = await sendQuestion({ kind: 'files' })
    if (!('files' in answer) || answer.files.length === 0) return
    yield* answer.files
  }
}

/** The files of rows that are read in order: those before the current one are released. */
class FileWindow implements ScanFiles {
  readonly rowCount: number
  readonly #sendQuestion: SendQuestion
  #files: ScanFile[] = []
  #isComplete = false

  constructor(rowCount: number, sendQuestion: SendQuestion) {
    this.rowCount = rowCount
    this.#sendQuestion = sendQuestion
  }

  async filesForRows(firstRow: number, lastRow: number): Promise<readonly ScanFile[]> {
    this.#files = this.#files.filter((file) => endOf(file) > firstRow)
    while (!this.#isComplete && endOf(this.#files.at(-1)) < lastRow) {
      const answer = await this.#sendQuestion({ kind: 'files' })
      const files = 'files' in answer ? answer.files : []
      this.#isComplete = files.length === 0
      this.#files.push(...files.filter((file) => endOf(file) > firstRow))
    }
    return filesWithRows(this.#files, firstRow, lastRow)
  }
}

function endOf(file: ScanFile | undefined): number {
  return file ? file.firstRowIndex + file.recordCount : 0
}

/** The given length may be wrong; reading the end of the file corrects it. */
function createSource(location: string, byteLength: number, sendQuestion: SendQuestion): ByteSource {
  const source: ByteSource = {
    name: location,
    byteLength,
    async read(start, end) {
      const answer = await sendQuestion({ kind: 'read', location, start, end })
      return requireLength('bytes' in answer ? answer.bytes : new Uint8Array(0), end - start)
    },
    async readEnd(lengthBytes) {
      const answer = await sendQuestion({ kind: 'read-end', location, lengthBytes })
      if (!('sizeBytes' in answer)) throw new Error('the end of a file came without its length')
      source.byteLength = answer.sizeBytes
      return requireLength(answer.bytes, Math.min(lengthBytes, answer.sizeBytes))
    },
  }
  return source

  function requireLength(bytes: Uint8Array, lengthBytes: number): Uint8Array {
    if (bytes.length === lengthBytes) return bytes
    const problem = `is shorter than expected: ${bytes.length} of ${lengthBytes} bytes were read`
    throw new AppError('file-damaged', `${location} ${problem}.`, { facts: { file: location } })
  }
}
