'use client'
import { ActionIcon } from '@mantine/core'
import { IconStar, IconStarFilled } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { Tooltip } from '@/components/ui/controls/tooltip'
import { isFavouriteIn, shortcutsQuery, useSetFavourite } from '@/lib/client/shortcuts'
import type { FavouriteTarget } from '@/lib/contract/shortcuts'
import { visibleText } from '@/lib/format/visible-text'
import classes from './favourite-button.module.css'

type FavouriteButtonProps = {
  target: FavouriteTarget
  /** In a list, where each row has such a button. */
  name?: string
  /** Whether it is known to be a favourite, in their list. */
  isStarred?: boolean
  size?: number
}

/** Adds something to the favourites of the user, or removes it. */
export function FavouriteButton({ target, name, isStarred, size = 26 }: FavouriteButtonProps) {
  const { data } = useQuery(shortcutsQuery())
  const change = useSetFavourite()
  const isFavourite = change.isPending ? change.variables.isFavourite : (isStarred ?? isFavouriteIn(data, target))
  const Icon = isFavourite ? IconStarFilled : IconStar
  return (
    <>
      <Tooltip label={isFavourite ? 'Remove from favourites' : 'Add to favourites'}>
        <ActionIcon
          size={size}
          className={classes.star ?? ''}
          aria-label={name === undefined ? 'Favourite' : visibleText(`Favourite ${name}`)}
          aria-pressed={isFavourite}
          onClick={() => change.mutate({ target, isFavourite: !isFavourite })}
        >
          <Icon size={15} stroke={1.6} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {change.error && (
        <span role="alert" className={classes.problem} title={change.error.message}>
          {change.error.message}
        </span>
      )}
    </>
  )
}
