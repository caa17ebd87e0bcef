-- The tables of a Stack Auth database that an import reads, with a column that it does not.
CREATE SCHEMA stack;
SET search_path = stack;
CREATE TYPE "BooleanTrue" AS ENUM ('TRUE');
CREATE TYPE "ContactChannelType" AS ENUM ('EMAIL');
CREATE TABLE "Project" (
    id text PRIMARY KEY, "displayName" text NOT NULL, description text NOT NULL DEFAULT '',
    "createdAt" timestamp(3) NOT NULL DEFAULT now()
);
CREATE TABLE "Tenancy" (
    id uuid PRIMARY KEY, "projectId" text NOT NULL REFERENCES "Project", "branchId" text NOT NULL,
    "organizationId" uuid
);
CREATE TABLE "ProjectUser" (
    "tenancyId" uuid REFERENCES "Tenancy", "projectUserId" uuid, "displayName" text, "profileImageUrl" text,
    "clientMetadata" jsonb, "clientReadOnlyMetadata" jsonb, "serverMetadata" json,
    "signedUpAt" timestamp(3) NOT NULL DEFAULT now(), "lastActiveAt" timestamp(3) NOT NULL DEFAULT now(),
    "createdAt" timestamp(3) NOT NULL DEFAULT now(), "isAnonymous" boolean NOT NULL DEFAULT false,
    PRIMARY KEY ("tenancyId", "projectUserId")
);
CREATE TABLE "ContactChannel" (
    "tenancyId" uuid, "projectUserId" uuid, id uuid DEFAULT gen_random_uuid(), type "ContactChannelType" NOT NULL,
    value text NOT NULL, "isPrimary" "BooleanTrue", "usedForAuth" "BooleanTrue",
    "isVerified" boolean NOT NULL DEFAULT false,
    PRIMARY KEY ("tenancyId", "projectUserId", id),
    UNIQUE ("tenancyId", type, value, "usedForAuth")
);
CREATE TABLE "PasswordAuthMethod" (
    "tenancyId" uuid, "projectUserId" uuid, "authMethodId" uuid DEFAULT gen_random_uuid(),
    "passwordHash" text NOT NULL, PRIMARY KEY ("tenancyId", "authMethodId")
);
CREATE TABLE "Team" (
    "tenancyId" uuid, "teamId" uuid, "displayName" text NOT NULL, "profileImageUrl" text, "clientMetadata" jsonb,
    "clientReadOnlyMetadata" jsonb, "serverMetadata" jsonb, "createdAt" timestamp(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenancyId", "teamId")
);
CREATE TABLE "TeamMember" (
    "tenancyId" uuid, "projectUserId" uuid, "teamId" uuid, "isSelected" "BooleanTrue",
    "createdAt" timestamp(3) NOT NULL DEFAULT now(),
    PRIMARY KEY ("tenancyId", "projectUserId", "teamId")
);
CREATE TABLE "TeamMemberDirectPermission" (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(), "tenancyId" uuid, "projectUserId" uuid, "teamId" uuid,
    "permissionId" text
);
CREATE TABLE "ProjectApiKey" (
    "tenancyId" uuid, id uuid, "secretApiKey" text UNIQUE NOT NULL, description text NOT NULL DEFAULT '',
    "isPublic" boolean NOT NULL DEFAULT false, "createdAt" timestamp(3) NOT NULL DEFAULT now(),
    "expiresAt" timestamp(3), "manuallyRevokedAt" timestamp(3), "teamId" uuid, "projectUserId" uuid,
    PRIMARY KEY ("tenancyId", id)
);
SET search_path = public;
