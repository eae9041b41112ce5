export interface PolicyConfig {
  clusters: { rpcUrl: string; wsUrl: string; faucetUrl?: string }[];
}

export function contentSecurityPolicy(config: PolicyConfig): string;
export function policyTag(policy: string): string;
export function replacePolicy(html: string, config: PolicyConfig): string;
