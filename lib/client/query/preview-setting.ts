import { createStoredList } from '../stored-list'

const settings = createStoredList((value) => (value === true ? value : null))

/**
 * Whether one user has turned on previews while typing, in this browser; off by default.
 *
 * @param userId null while the user is unknown: then the setting is not stored
 */
export function usePreviewSetting(userId: string | null): readonly [boolean, (isOn: boolean) => void] {
  const storageKey = `lakeshore.query-preview.${userId ?? ''}`
  const isOn = settings.useItems(storageKey).length > 0
  return [isOn, (next) => settings.write(storageKey, next ? [true] : [], { isStored: userId !== null })]
}
