/** Faults without an effect that a caller, a reader or a file could show, each with the reason. */
export const EQUIVALENT_FAULTS: readonly { id: string; reason: string }[] = [
  {
    id: 'shifted bound upgradeFormatVersion.unlistedSnapshot upgraded>1→upgraded>=1',
    reason: 'What is found counts only for an upgrade, and no version comes before 1.',
  },
  {
    id: "shifted bound publicationCandidates.heads (a.branch??'')<(b.branch??'')→(a.branch??'')<=(b.branch??'')",
    reason: 'Only snapshots that were staged in the same millisecond compare as equal, and none of them comes first.',
  },
  {
    id: 'removed guard originalIndex original===undefined→false',
    reason: 'Each index comes from the list that it is looked up in.',
  },
  {
    id: 'shifted bound requireFreeFolders newFolders.length>0→newFolders.length>=0',
    reason: 'A claim to no folders is always free.',
  },
  {
    id: 'swapped connective readPlanToken !filter||!filterSignature→(!filter)&&(!filterSignature)',
    reason: 'A missing signature is not a valid one, and a missing filter was never signed.',
  },
  {
    id: "flipped return write typeoftype==='string'true→false",
    reason: 'A value of a primitive type is primitive, so the line is never reached.',
  },
  {
    id: 'removed check readMetadata store.checkLocation(metadataLocation)→',
    reason: 'The next line asks for the size of the file, and every store checks the location before it does anything.',
  },
  {
    id: 'off by one listVisibleRequests.[own,open] MAX_LISTED+1→MAX_LISTED',
    reason: 'A user has at most 20 open requests and some 50 settled ones, far fewer than are listed.',
  },
]
