import { invalidRange, invalidType } from '../../api/invalid-argument.js';

/** Throws unless the value is a timeline of this version of the format. @internal */
export const checkTimeline = (timeline: unknown): void => {
  if (typeof timeline !== 'object' || timeline === null || !('version' in timeline)) {
    throw invalidType('timeline', 'a timeline from a recording', timeline);
  }
  if (timeline.version !== 1) {
    throw invalidRange('timeline.version', '1, the only version that this package reads', timeline.version);
  }
};
