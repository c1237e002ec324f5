/** No entry is open: the page shows only the list of the layout. */
export default function Audit() {
  return null
}
