//! Every mutation that needs a viewer, once, as a document over given ids: for the tests that hold for all of them.

use api::graphql::id::encode;
use domain::Action;
use entity::{AgencyId, AuthorizationId, DeliveryId, LetterId, PaymentId, PolicyId};
use serde_json::Value;
use uuid::Uuid;

use crate::{
    outside::books::account,
    world::{Creditor, World},
};

/// The ids that the documents name.
#[derive(Debug, Clone)]
pub struct Ids {
    pub integration: String,
    pub upload: String,
    pub case: String,
    pub payment: String,
    pub charge_payment: String,
    pub letter: String,
    pub delivery: String,
    pub debtor: String,
    pub policy: String,
    pub task: String,
    pub authorization: String,
    pub agency: String,
    pub batch: String,
    pub template: String,
}

/// Who may, the field, and whether the document names an id of the tenant.
pub struct Entry {
    pub field: &'static str,
    pub needs: Action,
    pub names_ids: bool,
    pub mutation: String,
}

/// Mutations that need no viewer, or that everybody with one may do.
pub const OPEN: [&str; 4] = ["sessionCreate", "sessionFromLink", "sessionRefresh", "sessionRevoke"];

/// Ids that nobody has.
pub fn unknown() -> Ids {
    let nobodys = |n: u128| Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0000 + n);
    Ids {
        integration: encode(entity::IntegrationId(nobodys(1))).0,
        upload: encode(entity::UploadId(nobodys(2))).0,
        case: encode(entity::CaseId(nobodys(3))).0,
        payment: encode(PaymentId(nobodys(4))).0,
        charge_payment: encode(entity::ChargePaymentId(nobodys(20))).0,
        letter: encode(LetterId(nobodys(5))).0,
        delivery: encode(DeliveryId(nobodys(6))).0,
        debtor: encode(entity::DebtorId(nobodys(7))).0,
        policy: encode(PolicyId(nobodys(8))).0,
        task: encode(entity::WorkTaskId(nobodys(17))).0,
        authorization: encode(AuthorizationId(nobodys(9))).0,
        agency: encode(AgencyId(nobodys(10))).0,
        batch: encode(entity::PrintBatchId(nobodys(19))).0,
        template: encode(entity::TemplateId(nobodys(18))).0,
    }
}

/// Ids of a creditor who has one of everything.
pub async fn everything(world: &World, of: &Creditor) -> Ids {
    use entity::Scoped;

    let case = world.active(of, "INV-1").await;
    let paid = format!(
        "paymentRecord(caseId: \"{}\", amount: {{ amount: \"20.00\", currency: \"NZD\" }}, receivedOn: \"2026-07-06\") @idempotent(key: \"everything\") {{ userErrors {{ code }} payments {{ id }} }}",
        encode(case).as_str()
    );
    let payment = World::done(&world.change(&of.owner, &paid).await)["payments"][0]["id"].as_str().unwrap().to_owned();
    let db = &world.env.db;
    Ids {
        integration: encode(of.integration).0,
        upload: encode(world.uploaded(of, b"[]").await).0,
        case: encode(case).0,
        payment,
        charge_payment: received(world, of, case).await,
        letter: encode(entity::letter::Entity::of(of.tenant).one(db).await.unwrap().unwrap().id).0,
        delivery: encode(entity::delivery::Entity::of(of.tenant).one(db).await.unwrap().unwrap().id).0,
        debtor: encode(world.debtor(of).await).0,
        authorization: waiting(world, of).await,
        agency: agency_of(world, of).await,
        batch: batch_of(world, of).await,
        template: text_of(world, of).await,
        task: called(world, of, case).await,
        policy: encode(entity::escalation_policy::Entity::of(of.tenant).one(db).await.unwrap().unwrap().id).0,
    }
}

/// Money that was received for charges of a case.
async fn received(world: &World, of: &Creditor, case: entity::CaseId) -> String {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};

    let row = entity::charge_payment::Model {
        tenant_id: of.tenant,
        id: world.env.new_id(),
        case_id: case,
        amount_minor: 1,
        currency: "NZD".into(),
        received_on: world.env.now().date_naive(),
        note: None,
        reversed_at: None,
        recorded_by: None,
        created_at: world.env.now(),
    };
    let id = encode(row.id).0;
    row.into_active_model().reset_all().insert(&world.env.db).await.unwrap();
    id
}

/// Something that a person was asked to do on a case of its own.
async fn called(world: &World, of: &Creditor, case: entity::CaseId) -> String {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};

    let row = entity::work_task::Model {
        tenant_id: of.tenant,
        id: world.env.new_id(),
        case_id: case,
        step: 7,
        course: 0,
        kind: entity::WorkTaskKind::Call,
        title: "Call".into(),
        note: None,
        due_on: world.env.now().date_naive(),
        status: entity::WorkTaskStatus::Open,
        outcome: None,
        done_by: None,
        done_at: None,
        cancelled_because: None,
        created_at: world.env.now(),
        updated_at: world.env.now(),
    };
    let id = encode(row.id).0;
    row.into_active_model().reset_all().insert(&world.env.db).await.unwrap();
    id
}

/// A consent that waits for a choice.
async fn waiting(world: &World, of: &Creditor) -> String {
    world.books.accounts.lock().unwrap().push(account("Totara"));
    let started = world.change(&of.owner, &format!("xeroConnectStart({BACK}) {{ userErrors {{ code }} authorizationUrl }}")).await;
    let state = state_of(World::done(&started));
    let finish = format!("xeroConnectFinish(state: \"{state}\", code: \"good\") {{ userErrors {{ code }} authorizationId }}");
    World::done(&world.change(&of.owner, &finish).await)["authorizationId"].as_str().unwrap().to_owned()
}

/// A text of one's own, in a language that nobody writes to the debtors of these tests.
async fn text_of(world: &World, of: &Creditor) -> String {
    let save = format!("templateSave({TEMPLATE}) {{ userErrors {{ code }} template {{ id }} }}");
    World::done(&world.change(&of.owner, &save).await)["template"]["id"].as_str().unwrap().to_owned()
}

/// An open batch without letters, which only a test makes.
async fn batch_of(world: &World, of: &Creditor) -> String {
    use sea_orm::{ActiveModelTrait, IntoActiveModel};

    let now = world.env.now();
    let row = entity::print_batch::Model {
        tenant_id: of.tenant,
        id: world.env.new_id(),
        status: entity::PrintBatchStatus::Open,
        duplex: false,
        letters: 0,
        pages: None,
        sha256: None,
        created_by: None,
        posted_on: None,
        ended_by: None,
        ended_at: None,
        created_at: now,
        updated_at: now,
    };
    let id = encode(row.id).0;
    row.into_active_model().reset_all().insert(&world.env.db).await.unwrap();
    id
}

async fn agency_of(world: &World, of: &Creditor) -> String {
    let create = "agencyCreate(input: { name: \"Inkasso\", supportContact: \"+64 21 1\" }) { userErrors { code } agency { id } }";
    World::done(&world.change(&of.owner, create).await)["agency"]["id"].as_str().unwrap().to_owned()
}

/// The state that a browser is sent off with.
pub fn state_of(started: &Value) -> String {
    let url = started["authorizationUrl"].as_str().unwrap();
    url.split_once("state=").unwrap().1.split('&').next().unwrap().to_owned()
}

const TEMPLATE: &str =
    "input: { kind: REMINDER, language: \"nb\", text: { subject: \"Hei\", opening: [{ text: \"Hei {debtor}\" }], closing: [] } }";
const OTHER_TEMPLATE: &str =
    "input: { kind: REMINDER, language: \"de\", text: { subject: \"Hallo\", opening: [{ text: \"Hallo {debtor}\" }], closing: [] } }";
const POLICY: &str =
    r#"input: { name: "New", steps: [{ name: "One", kind: REMINDER, waitDays: 0, payWithinDays: 7, channels: [EMAIL] }] }"#;

const BACK: &str = "returnUrl: \"http://127.0.0.1:1/back\"";

/// The documents.
#[expect(clippy::too_many_lines, reason = "a list, one line for each mutation")]
pub fn entries(ids: &Ids) -> Vec<Entry> {
    use Action::{Configure, EditDebtors, Import, WorkCases};
    let Ids {
        integration,
        upload,
        case,
        payment,
        charge_payment,
        letter,
        delivery,
        debtor,
        policy,
        task,
        authorization,
        agency,
        batch,
        template,
    } = ids;
    let entry = |needs, names_ids, call: String| {
        let field = call.split('(').next().unwrap();
        let field = *FIELDS.iter().find(|known| **known == field).unwrap_or_else(|| panic!("{field} is not listed"));
        Entry { field, needs, names_ids, mutation: format!("{call} {{ userErrors {{ code field message }} }}") }
    };
    let suppression = &encode(entity::SuppressionId(uuid::Uuid::from_u128(77))).0;
    let once = |call: String| format!("{call} @idempotent(key: \"catalogue\")");
    vec![
        entry(Configure, false, "tenantUpdate(input: { caseGrouping: PER_DEBTOR })".into()),
        entry(Configure, true, format!("tenantUpdate(input: {{ defaultPolicyId: \"{policy}\" }})")),
        entry(Configure, false, "integrationCreateCsv(name: \"More files\")".into()),
        entry(Configure, true, format!("integrationUpdateSettings(id: \"{integration}\", input: {{ minimumDaysOverdue: 20 }})")),
        entry(Configure, true, format!("integrationPause(id: \"{integration}\")")),
        entry(Configure, true, format!("integrationResume(id: \"{integration}\")")),
        entry(Configure, false, format!("xeroConnectStart({BACK})")),
        entry(Configure, true, format!("xeroConnectStart({BACK}, reconnectId: \"{integration}\")")),
        entry(Configure, false, "xeroConnectFinish(state: \"s\", code: \"good\")".into()),
        entry(Configure, true, format!("xeroConnectChoose(authorizationId: \"{authorization}\", organisationIds: [\"Kauri\"])")),
        entry(Configure, false, format!("powerOfficeConnectStart({BACK})")),
        entry(Configure, true, format!("powerOfficeConnectStart({BACK}, reconnectId: \"{integration}\")")),
        entry(Configure, false, "powerOfficeConnectFinish(state: \"s\", token: \"good\")".into()),
        entry(Configure, true, format!("powerOfficeConnectChoose(authorizationId: \"{authorization}\", organisationIds: [\"Kauri\"])")),
        entry(Configure, false, "xentralConnect(input: { baseUrl: \"https://x.example\", apiKey: \"wrong\" })".into()),
        entry(Configure, false, "powerOfficeConnect(input: { clientKey: \"wrong\" })".into()),
        entry(Configure, true, format!("integrationRotateKey(id: \"{integration}\", key: \"good-canary\")")),
        entry(Configure, true, format!("integrationDisconnect(id: \"{integration}\")")),
        entry(Import, true, format!("integrationSyncNow(id: \"{integration}\")")),
        entry(Import, true, format!("integrationImport(id: \"{integration}\", invoiceExternalIds: [\"INV-1\"])")),
        entry(Import, false, "uploadCreate(fileName: \"a.csv\", byteSize: 3)".into()),
        entry(Import, true, once(format!("importStart(integrationId: \"{integration}\", uploadId: \"{upload}\")"))),
        entry(WorkCases, true, once(format!("casesApprove(selection: {{ ids: [\"{case}\"] }})"))),
        entry(WorkCases, true, format!("casesDecline(selection: {{ ids: [\"{case}\"] }})")),
        entry(WorkCases, true, format!("casePause(id: \"{case}\", until: \"2026-07-10\", reason: \"wait\")")),
        entry(WorkCases, true, format!("caseResume(id: \"{case}\")")),
        entry(WorkCases, true, once(format!("caseWriteOff(id: \"{case}\", reason: \"gone\")"))),
        entry(WorkCases, true, format!("caseWithdraw(id: \"{case}\", reason: WITHDRAWN, note: \"ours again\")")),
        entry(
            WorkCases,
            true,
            once(format!("paymentRecord(caseId: \"{case}\", amount: {{ amount: \"1\", currency: \"NZD\" }}, receivedOn: \"2026-07-06\")")),
        ),
        entry(WorkCases, true, format!("paymentReverse(id: \"{payment}\", reason: \"bounced\")")),
        entry(WorkCases, true, format!("caseChargesWaive(caseId: \"{case}\", reason: \"small\")")),
        entry(
            WorkCases,
            true,
            once(format!(
                "caseChargePaymentRegister(caseId: \"{case}\", amount: {{ amount: \"1\", currency: \"NZD\" }}, on: \"2026-07-06\")"
            )),
        ),
        entry(WorkCases, true, format!("caseChargePaymentReverse(id: \"{charge_payment}\", reason: \"bounced\")")),
        entry(WorkCases, true, once(format!("lettersConsent(ids: [\"{letter}\"], decision: GRANTED)"))),
        entry(WorkCases, true, once(format!("caseStatementSend(id: \"{case}\")"))),
        entry(WorkCases, true, format!("letterMarkPosted(id: \"{letter}\", postedOn: \"2026-07-06\")")),
        entry(WorkCases, true, format!("printBatchCreate(letterIds: [\"{letter}\"])")),
        entry(WorkCases, true, format!("printBatchMarkPosted(id: \"{batch}\", postedOn: \"2026-07-06\")")),
        entry(WorkCases, true, format!("printBatchCancel(id: \"{batch}\")")),
        entry(WorkCases, true, format!("letterReissue(id: \"{letter}\")")),
        entry(WorkCases, true, format!("deliveryResolve(id: \"{delivery}\", resolution: WAS_SENT)")),
        entry(EditDebtors, true, format!("suppressionLift(id: \"{suppression}\")")),
        entry(EditDebtors, true, format!("debtorSetExemption(id: \"{debtor}\", exempt: true, reason: \"friend\")")),
        entry(EditDebtors, true, format!("debtorUpdateContact(id: \"{debtor}\", input: {{ city: \"Otaki\" }})")),
        entry(Configure, false, format!("policySave({POLICY})")),
        entry(Configure, true, format!("policySave(id: \"{policy}\", {POLICY})")),
        entry(Configure, false, "policyFromPreset(key: \"notice_first\")".into()),
        entry(Configure, true, format!("policyArchive(id: \"{policy}\")")),
        entry(Configure, true, format!("policyDefaultSet(scope: {{ tenant: true }}, policyId: \"{policy}\")")),
        entry(Configure, true, format!("policyDefaultSet(scope: {{ integrationId: \"{integration}\" }}, policyId: \"{policy}\")")),
        entry(EditDebtors, true, format!("policyDefaultSet(scope: {{ debtorId: \"{debtor}\" }})")),
        entry(WorkCases, true, format!("casesMovePolicy(ids: [\"{case}\"], policyId: \"{policy}\", position: {{ rule: KEEP_INDEX }})")),
        entry(Configure, false, format!("templateSave({OTHER_TEMPLATE})")),
        entry(Configure, true, format!("templateSave(id: \"{template}\", {TEMPLATE})")),
        entry(Configure, true, format!("templateArchive(id: \"{template}\")")),
        entry(Configure, true, format!("templateTestSend(kind: STATEMENT, caseId: \"{case}\")")),
        entry(WorkCases, true, format!("taskComplete(id: \"{task}\", outcome: \"paid soon\")")),
        entry(WorkCases, true, format!("taskSkip(id: \"{task}\", reason: \"no phone\")")),
        entry(Configure, false, "agencyCreate(input: { name: \"Inkasso\", supportContact: \"+64 21 1\" })".into()),
        entry(Configure, true, format!("agencyUpdate(id: \"{agency}\", input: {{ decideDays: 1 }})")),
        entry(Configure, true, format!("agencyEnd(id: \"{agency}\")")),
        entry(WorkCases, true, format!("handoverConfirm(caseId: \"{case}\")")),
        entry(WorkCases, true, format!("handoverOptOut(caseId: \"{case}\", reason: \"ours\")")),
        entry(WorkCases, true, format!("handoverAccept(caseId: \"{case}\", reference: \"A-1\")")),
        entry(WorkCases, true, format!("handoverRetry(caseId: \"{case}\")")),
        entry(WorkCases, true, format!("handoverRecall(caseId: \"{case}\", reason: \"ours\")")),
        entry(Configure, false, "demoAdvanceClock(days: 1)".into()),
    ]
}

const FIELDS: [&str; 60] = [
    "tenantUpdate",
    "integrationCreateCsv",
    "integrationUpdateSettings",
    "integrationPause",
    "integrationResume",
    "xeroConnectStart",
    "xeroConnectFinish",
    "xeroConnectChoose",
    "powerOfficeConnectStart",
    "powerOfficeConnectFinish",
    "powerOfficeConnectChoose",
    "xentralConnect",
    "powerOfficeConnect",
    "integrationRotateKey",
    "integrationDisconnect",
    "integrationSyncNow",
    "integrationImport",
    "uploadCreate",
    "importStart",
    "casesApprove",
    "casesDecline",
    "casePause",
    "caseResume",
    "caseWriteOff",
    "caseWithdraw",
    "paymentRecord",
    "paymentReverse",
    "caseChargesWaive",
    "caseChargePaymentRegister",
    "caseChargePaymentReverse",
    "lettersConsent",
    "caseStatementSend",
    "letterMarkPosted",
    "printBatchCreate",
    "printBatchMarkPosted",
    "printBatchCancel",
    "letterReissue",
    "deliveryResolve",
    "suppressionLift",
    "debtorSetExemption",
    "debtorUpdateContact",
    "policySave",
    "policyFromPreset",
    "policyArchive",
    "policyDefaultSet",
    "casesMovePolicy",
    "templateSave",
    "templateArchive",
    "templateTestSend",
    "taskComplete",
    "taskSkip",
    "agencyCreate",
    "agencyUpdate",
    "agencyEnd",
    "handoverConfirm",
    "handoverOptOut",
    "handoverAccept",
    "handoverRetry",
    "handoverRecall",
    "demoAdvanceClock",
];

/// The names of all fields of the schema's mutation type.
pub async fn all_fields(world: &World) -> Vec<String> {
    let answer = world.ask(None, "{ __type(name: \"Mutation\") { fields { name } } }").await;
    answer["data"]["__type"]["fields"].as_array().unwrap().iter().map(|f| f["name"].as_str().unwrap().to_owned()).collect()
}
