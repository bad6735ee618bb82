/** How temporary folders are called, before what tells them apart. */
export const TEMPORARY = "whodunit-view-";
