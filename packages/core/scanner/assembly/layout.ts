/**
 * Owns where everything stands in the memory of the module, as agreed with `src/packed`: what is expected, results, then
 * the plan, the bytes to scan, and the room for what is kept. All numbers are addresses.
 */

/** Room for a name without its escapes. */
export const NAME: i32 = 0x800;
export const LONGEST_NAME: i32 = 0x800;
export const KEPT_LENGTH: i32 = 0x1000;
export const NUM_CUTS: i32 = 0x1008;
export const NUM_MANY: i32 = 0x100c;
/** What identify finds: whether apiVersion or kind is missing; where uid and version stand in what is kept. */
export const IS_UNNAMED: i32 = 0x1010;
export const UID_AT: i32 = 0x1014;
export const VERSION_AT: i32 = 0x1018;
/** Whether namespace and name are plain text. */
export const IS_PLAIN: i32 = 0x101c;
/** What apiVersion and kind have to be: length, then text with its quotes. */
export const EXPECTED_API_VERSION: i32 = 0x100;
export const EXPECTED_KIND: i32 = 0x200;
/** The slots that identify looks at. */
export const API_VERSION: i32 = 0;
export const KIND: i32 = 1;
export const NAMESPACE: i32 = 2;
export const NAME_SLOT: i32 = 3;
export const UID: i32 = 4;
export const RESOURCE_VERSION: i32 = 5;
/** Start and end of each slot that takes one value; the start is 0 while there is none. */
export const SLOTS: i32 = 0x1040;
/** Start and end of each part to leave out, in order, commas included. */
export const CUTS: i32 = 0x2000;
/** Slot, start and end of each value of those that take any number. */
export const MANY: i32 = 0x6000;
export const MOST: i32 = 2000;

/** A node of the plan: whether it is cut, and the number of the object it was seen in last; then counts and lists. */
export const CUT: i32 = 0;
export const SEEN_IN: i32 = 4;
export const NODE_SLOTS: i32 = 8;
export const NUM_NODE_SLOTS: i32 = 12;
export const FIELDS: i32 = 16;
export const NUM_FIELDS: i32 = 20;
export const EACH: i32 = 24;
export const ELEMENTS: i32 = 28;
export const NUM_ELEMENTS: i32 = 32;
