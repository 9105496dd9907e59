// How an app uses what is generated from the schema and the operations: whatever can be absent has to be dealt with,
// and whatever is promised need not be. It is type-checked and never run.

import type { ResultOf, VariablesOf } from '@graphql-typed-document-node/core';
import { type FragmentType, readFragment } from './generated';
import {
  ContractDetailQueryDocument,
  ContractDetail_FixedFragmentDoc,
  ContractDetail_FlexibleFragmentDoc,
  CustomerChildren_CustomerFragmentDoc,
  CustomerFormMutationDocument,
  CustomerListQueryDocument,
  CustomerScreenQueryDocument,
  HaulerConnectionFormMutationDocument,
  HaulerConnectionRow_ConnectionFragmentDoc,
  TradingRequestFormMutationDocument,
  type HaulerConnectionStatus,
} from './generated/graphql';

const COLOURS: Record<HaulerConnectionStatus, string> = { APPROVED: 'green', DENIED: 'red', PENDING: 'grey' };

export function colour(row: FragmentType<typeof HaulerConnectionRow_ConnectionFragmentDoc>): string {
  return COLOURS[readFragment(HaulerConnectionRow_ConnectionFragmentDoc, row).status];
}

export function lineOfContract({ contract }: ResultOf<typeof ContractDetailQueryDocument>): string {
  if (!contract) return 'no such contract';
  switch (contract.__typename) {
    case 'FixedContract': {
      const { pricing } = readFragment(ContractDetail_FixedFragmentDoc, contract);
      return money(pricing?.price?.amount, pricing?.price?.currency);
    }
    case 'FlexibleContract': {
      const { carrier } = readFragment(ContractDetail_FlexibleFragmentDoc, contract);
      return carrier.contactPersons.flatMap(({ employee }) => employee?.telephone ?? []).join(', ');
    }
  }
}

// A DateTime is a string in JSON, a Decimal a number.
export function inForceSince({ contract }: ResultOf<typeof ContractDetailQueryDocument>): Date | undefined {
  return contract?.period?.from ? new Date(contract.period.from) : undefined;
}

function money(amount?: number | null, currency?: string | null): string {
  return amount == null ? 'no rate' : `${amount.toFixed(2)} ${currency ?? ''}`.trim();
}

// The variables of the page after the one that was read, or none at the end of the list.
export function nextPage(
  { node }: ResultOf<typeof CustomerScreenQueryDocument>,
  variables: VariablesOf<typeof CustomerScreenQueryDocument>,
): VariablesOf<typeof CustomerScreenQueryDocument> | undefined {
  if (node?.__typename !== 'Customer') return undefined;
  const pageInfo = readFragment(CustomerChildren_CustomerFragmentDoc, node).children?.pageInfo;
  return pageInfo?.hasNextPage ? { ...variables, cursor: pageInfo.endCursor } : undefined;
}

export const search: VariablesOf<typeof CustomerListQueryDocument> = {
  count: 25,
  filter: { name: 'gravel', active: true, updatedSince: '2024-05-17T08:30:00' },
};

// A parent that is null is cleared, one that is left out stays.
export const clearParent: VariablesOf<typeof CustomerFormMutationDocument> = {
  input: { customerId: '3', parentId: null },
};

export const connect: VariablesOf<typeof HaulerConnectionFormMutationDocument> = {
  input: { haulerId: '00000000-0000-4000-8000-000000000001', tenantCode: 'SYNTH+3' },
};

export const request: VariablesOf<typeof TradingRequestFormMutationDocument> = {
  input: { organizationName: 'Synthetic Retail', primaryContactName: 'A. Person', integrations: [{ type: 'ORDER' }] },
  lists: [],
};
