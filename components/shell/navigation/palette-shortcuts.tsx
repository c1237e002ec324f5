'use client'
import { Spotlight } from '@mantine/spotlight'
import { useRouter } from 'next/navigation'
import { shortcutLook } from '@/components/shell/shortcuts/shortcut-look'
import type { Favourite, VisitedEntry } from '@/lib/contract/shortcuts'
import { formatCount } from '@/lib/format/count'
import { PaletteAction } from './palette-action'

/** Before the user types. The others are in Explore, and found by typing. */
const MAX_SHOWN = 8

type PaletteShortcutsProps = { favourites: readonly Favourite[]; visits: readonly VisitedEntry[] }

/** The favourites of the user and the entries that they visited last, while the palette has no search. */
export function PaletteShortcuts({ favourites, visits }: PaletteShortcutsProps) {
  const router = useRouter()
  const groups = [
    { label: 'Favourites', all: favourites },
    { label: 'Recent', all: visits },
  ]
  return groups
    .filter(({ all }) => all.length > 0)
    .map(({ label, all }) => (
      <Spotlight.ActionsGroup
        key={label}
        label={all.length > MAX_SHOWN ? `${label}, ${MAX_SHOWN} of ${formatCount(all.length)}` : label}
      >
        {all.slice(0, MAX_SHOWN).map((one) => {
          const { icon, label: name, catalogName, href } = shortcutLook(one)
          return (
            <PaletteAction
              key={href}
              icon={icon}
              label={name}
              {...(catalogName !== null && { description: catalogName })}
              onGo={() => router.push(href)}
            />
          )
        })}
      </Spotlight.ActionsGroup>
    ))
}
