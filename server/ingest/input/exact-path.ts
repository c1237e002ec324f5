import 'server-only'
import { symlink } from 'node:fs/promises'
import path from 'node:path'
import type { InputRequest } from '../stage-request'

/** DuckDB reads the first ones as patterns of names, and a folder with an equals sign as a column of all its rows. */
const SPECIAL_CHARACTERS = /[*?[\]{}\\=]/

/**
 * The request for exactly this file, whatever its name and its folders are called: a path that DuckDB would interpret is
 * read through a link in the staging folder.
 */
export async function withExactPath<Request extends Pick<InputRequest, 'stagingDir'> & { input: { path: string } }>(
  request: Request,
): Promise<Request> {
  const { input, stagingDir } = request
  if (!SPECIAL_CHARACTERS.test(input.path)) return request
  const link = path.join(stagingDir, 'input')
  await symlink(path.resolve(input.path), link)
  return { ...request, input: { ...input, path: link } }
}
