import 'server-only'
import { AppError } from '@/lib/errors'

/** The failure of every access to a location that the roots of a storage do not include. */
export const OUTSIDE_LOCATION = {
  code: 'location-refused',
  detail:
    'Lakeshore is not allowed to read this location. An admin can add it to the allowed locations of the connection.',
} as const

/** A connection can allow only the folders of the server that its operator allows. */
const OUTSIDE_FOLDER_DETAIL =
  'Lakeshore is not allowed to read this location. An admin can add it to the allowed locations of the connection if the server’s setting LAKESHORE_LOCAL_ROOTS allows the folder.'

export function outsideLocationError(facts: { location?: string } = {}): AppError {
  const isFolder = facts.location !== undefined && isFolderOfServer(facts.location)
  return new AppError(OUTSIDE_LOCATION.code, isFolder ? OUTSIDE_FOLDER_DETAIL : OUTSIDE_LOCATION.detail, { facts })
}

/** Whether the roots are the reason, and not the location itself. */
export function isOutsideRoots({ message }: AppError): boolean {
  return message === OUTSIDE_LOCATION.detail || message === OUTSIDE_FOLDER_DETAIL
}

export function isFolderOfServer(location: string): boolean {
  return /^(file:|\/)/i.test(location)
}
