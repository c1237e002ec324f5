import type { ButtonProps } from '@mantine/core'
import type { ReactNode } from 'react'
import { WaitingButton } from './waiting-button'

type NextPageButtonProps = Pick<ButtonProps, 'variant' | 'size'> & {
  query: {
    hasNextPage: boolean
    isFetchingNextPage: boolean
    isFetchNextPageError: boolean
    error: Error | null
    fetchNextPage: () => Promise<unknown>
  }
  children: ReactNode
}

/** Reads the next page of a list, and explains a failure. Renders nothing when the list is complete. */
export function NextPageButton({ query, children, variant = 'subtle', ...props }: NextPageButtonProps) {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage } = query
  if (!hasNextPage) return null
  return (
    <>
      {isFetchNextPageError && <span role="alert">The next page could not be read: {error?.message}</span>}
      <WaitingButton {...props} variant={variant} loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
        {children}
      </WaitingButton>
    </>
  )
}
