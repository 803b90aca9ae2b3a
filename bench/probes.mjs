export const probe = async () => ({});
