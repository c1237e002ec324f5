import { usePathname, useRouter } from 'next/navigation'

/**
 * Returns a function that replaces the page by another one, as long as the user has not gone to another page since: what
 * it waits for may end after that.
 */
export function useNavigateAway(): (address: string) => void {
  const router = useRouter()
  const pathname = usePathname()
  return (address) => {
    if (window.location.pathname === pathname) router.replace(address)
  }
}
