/** Why no version can be made of a repository with this package.json and this changelog, one sentence each. */
export const obstacles = (manifest, changelog) => {
  const { repository, bugs, homepage } = manifest;
  const told = [];
  if (!(typeof repository === 'object' ? repository?.url : repository)) {
    told.push(
      'package.json has no `repository`: the registry compares it with the place that the provenance names',
    );
  }
  if (!bugs) told.push('package.json has no `bugs`: users of the package have to know where to report one');
  if (!homepage) told.push('package.json has no `homepage`: the page of the package links to it');
  const [, newest = ''] = changelog.split(/^## /m);
  if (!/^\[Unreleased\]\s*\S/.test(newest)) told.push('CHANGELOG.md has nothing under Unreleased');
  return told;
};
