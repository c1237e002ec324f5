import { AppError } from '@/lib/errors'

/**
 * A file that does not say what Parquet says it must. Thrown without the file's name where bytes are decoded;
 * {@link withFileName} puts it in front.
 */
export class DamagedParquet extends Error {
  override readonly name = 'DamagedParquet'
}

/** A sound file that uses what is not read here (encryption, LZO). */
export class UnsupportedParquet extends Error {
  override readonly name = 'UnsupportedParquet'
}

/** A file that would take more memory or time than is allowed to read it. */
export class OversizedParquet extends Error {
  override readonly name = 'OversizedParquet'
}

/**
 * Runs a decode and turns its failures into {AppError}s that name the file.
 *
 * @throws {AppError} file-damaged, not-supported, too-large; any other AppError passes
 */
export async function withFileName<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw toAppError(name, error)
  }
}

function toAppError(name: string, error: unknown): unknown {
  const facts = { file: name }
  if (error instanceof UnsupportedParquet) return new AppError('not-supported', `${name}: ${error.message}`, { facts })
  if (error instanceof OversizedParquet) return new AppError('too-large', `${name}: ${error.message}`, { facts })
  if (error instanceof DamagedParquet) return new AppError('file-damaged', `${name}: ${error.message}`, { facts })
  // Reading past the end of a DataView or a typed array: the file's own lengths do not fit its bytes.
  if (error instanceof RangeError) {
    return new AppError('file-damaged', `${name}: a length in the file reaches beyond its bytes`, {
      cause: error,
      facts,
    })
  }
  return error
}
