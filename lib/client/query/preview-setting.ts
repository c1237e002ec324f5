import { createStoredList } from '../stored-list'

const settings = createStoredList((value) => (value === true ? value : null))

/**
 * Whether one user wants previews as they type, in this browser; off until they switch it on.
 *
 * @param userId null while the user is unknown: then nothing is stored
 */
export function usePreviewSetting(userId: string | null): readonly [boolean, (isOn: boolean) => void] {
  const storageKey = `lakeshore.query-preview.${userId ?? ''}`
  const isOn = settings.useItems(storageKey).length > 0
  return [isOn, (next) => settings.write(storageKey, next ? [true] : [], { isStored: userId !== null })]
}
