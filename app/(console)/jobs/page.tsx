/** No run is open: the page shows only the lists of the layout. */
export default function Jobs() {
  return null
}
