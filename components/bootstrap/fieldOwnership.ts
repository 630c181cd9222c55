/**
 * What another one has put there before, such as the seed of the mail credentials, becomes ours where we set the same fields
 * (https://www.pulumi.com/registry/packages/kubernetes/how-to-guides/managing-resources-with-server-side-apply/).
 */
export const TAKE_OVER = { "pulumi.com/patchForce": "true" };
