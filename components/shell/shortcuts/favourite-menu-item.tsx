'use client'
import { Menu } from '@mantine/core'
import { IconStar, IconStarFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { isFavouriteIn, shortcutsQuery, useSetFavourite } from '@/lib/client/shortcuts'
import type { FavouriteTarget } from '@/lib/contract/shortcuts'

/** Adds a row to the favourites of the user, or removes it, in the menu of the row. */
export function FavouriteMenuItem({ target }: { target: FavouriteTarget }) {
  const { data } = useQuery(shortcutsQuery())
  const change = useSetFavourite()
  const isFavourite = isFavouriteIn(data, target)
  const Icon = isFavourite ? IconStarFilled : IconStar
  return (
    <Menu.Item
      leftSection={<Icon size={15} stroke={1.6} aria-hidden />}
      // A refusal is shown in the menu.
      closeMenuOnClick={false}
      onClick={() => change.mutate({ target, isFavourite: !isFavourite })}
    >
      {isFavourite ? 'Remove from favourites' : 'Add to favourites'}
      {change.error && (
        <span role="alert" className="removed small">
          {' '}
          {change.error.message}
        </span>
      )}
    </Menu.Item>
  )
}
