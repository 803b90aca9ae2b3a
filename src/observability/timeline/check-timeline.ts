import { invalidRange, invalidType } from '../../api/invalid-argument.js';

/** Throws for what is no timeline, or one of a later version of the package. @internal */
export const checkTimeline = (timeline: unknown): void => {
  if (typeof timeline !== 'object' || timeline === null || !('version' in timeline)) {
    throw invalidType('timeline', 'what a recording gave', timeline);
  }
  if (timeline.version !== 1) {
    throw invalidRange('timeline.version', '1, which is all that this version knows', timeline.version);
  }
};
