package io.turnpike.node.quota;

import java.util.function.Consumer;

/** The answers of a tenant's and of a user's quota to one request, made one. Confined to the asking event loop. */
final class JointAdmission {
    private final ScopedQuota tenant;
    private final Consumer<Admission> answer;
    private Admission.Admitted ofTenant;
    private Admission.Admitted ofUser;
    private boolean answered;

    JointAdmission(ScopedQuota tenant, Consumer<Admission> answer) {
        this.tenant = tenant;
        this.answer = answer;
    }

    void tenantSays(Admission admission) {
        if (admission instanceof Admission.Admitted admitted) {
            ofTenant = admitted;
            if (answered) {
                tenant.refusedByUser();
            }
        }
        settle(admission);
    }

    void userSays(Admission admission) {
        if (admission instanceof Admission.Admitted admitted) {
            ofUser = admitted;
        }
        settle(admission);
    }

    boolean isAnswered() {
        return answered;
    }

    private void settle(Admission newest) {
        if (newest instanceof Admission.Refused && !answered) {
            if (ofTenant != null) {
                tenant.refusedByUser();
            }
            answered = true;
            answer.accept(newest);
        }
        if (answered) {
            giveBack(ofTenant);
            giveBack(ofUser);
        } else if (ofTenant != null && ofUser != null) {
            answered = true;
            ofTenant.allowance().join(ofUser.allowance());
            answer.accept(ofTenant);
        }
    }

    private static void giveBack(Admission.Admitted admitted) {
        if (admitted != null) {
            admitted.allowance().close();
        }
    }
}
